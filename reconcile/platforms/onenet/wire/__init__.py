"""The bytes: requests of the three generations, their answers, and OneNET's notation of times. Pure."""
