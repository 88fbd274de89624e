print("qls")
