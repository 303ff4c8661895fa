"""What OneNET pushes over HTTP, read: signatures, encryption, messages. Pure; nothing here listens.

A push is a hint, never a proof: its signature is a plain MD5 with the token in front, and it may come twice, late or
never. Who receives one looks at the cloud before believing it.
Source: NB-IoT book, manual/httppush (classic); Studio book, application-develop/push.
"""
