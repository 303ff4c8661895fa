"""China Mobile OneNET, NB-IoT suite: one engine for LwM2M commands behind three façades (classic, Studio, current)."""
