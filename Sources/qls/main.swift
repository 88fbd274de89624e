import QLSCommands

QLSCommand.start()
