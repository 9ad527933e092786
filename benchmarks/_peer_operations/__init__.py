"""What the peers are asked: a file for each, a function for each operation.

A function takes the input arrays and gives another without arguments, which is timed and gives arrays by name. So the
libraries' own wrappings are prepared before; where a library reads through a network, it gets one that hands the given
numbers out.
"""
