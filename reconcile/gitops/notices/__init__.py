"""What became of a plan or an apply, told to a chat room: composed and signed here, pure; `send` is the only I/O."""
