"""The program and its state, killed and torn in earnest."""
