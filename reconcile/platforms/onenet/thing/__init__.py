"""OneNET's other kind of device: products with a thing model (OneJSON), whose desired properties live in the cloud.

They are given by `productId` and `deviceName`, take `properties:`, and have neither queue nor Executes. Studio and the
current API have these calls, classic has not.
"""
