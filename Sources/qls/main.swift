import QLSCommands

QLSCommand.main()
