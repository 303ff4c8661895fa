"""Aliyun IoT Platform, API version 2018-01-20: RPC on `/`, desired values, device status, thing models."""
