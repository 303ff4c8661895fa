"""What policies say of declared devices and of what a plan would send: pure, and the same for plan and saved plan."""
