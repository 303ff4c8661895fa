"""The fleet that the workflows plan and apply: two platforms at one address, six lamps, its state in the repository."""

FLEET = """\
apiVersion: reconcile/v1
kind: Fleet
metadata: {{name: city}}
spec:
  platforms:
    onenet-prod:
      type: onenet
      instant: {{api: classic, endpoint: "{url}"}}
      cached: {{api: classic, endpoint: "{url}"}}
      credentials: {{masterKey: {{env: ONENET_MASTER_KEY}}}}
    aliyun-prod:
      type: aliyun
      region: cn-shanghai
      endpoint: "{url}"
      credentials: {{accessKeyId: {{env: ALIYUN_AK}}, accessKeySecret: {{env: ALIYUN_SK}}}}
  state: {{backend: gitref, remote: origin, environment: production}}
"""
LAMPS = [f"lamp-{number}" for number in range(1, 7)]
