"""Chinese for the sentences about safety that other rooms fix in English."""

from __future__ import annotations

SAFETY_SUMMARIES: dict[str, str] = {
    "change of a protected resource is not allowed": "未获准变更受保护的资源",
    "replacing write is not allowed": "未获准整体替换写入",
    "allowance has ended": "允许条目已到期",
    "allowance is not needed": "允许条目并无必要",
    "a limit is exceeded, as a manifest allows": "超出限制，但清单允许",
    "policy cannot be carried out as it is written": "策略无法按所写的执行",
    "waiver of a policy has ended": "策略豁免已到期",
    "account is not that of the base": "账号与基准不一致",
    "account is not known to the base": "基准中没有该账号",
    "policies of this change do not count yet": "本次变更中的策略尚未生效",
    "a policy denies it": "策略拒绝",
    "a policy warns of it": "策略警告",
    "a policy is waived, until a last day": "策略已豁免，至某日为止",
    "a policy's window is closed": "不在策略规定的变更时段内",
    "owners have to look at this change": "此变更须由负责人查看",
}

SAFETY_REASONS: tuple[tuple[str, str], ...] = (
    ("protected: {reason}; no manifest allows it", "受保护：{reason}；清单未允许"),
    ("protected: {reason}; what allowed it ended at {when}", "受保护：{reason}；允许它的条目已于 {when} 到期"),
    ("it says whether and how the device registers with its server", "它决定设备是否、如何向其服务器注册"),
    (
        "a device that registers too seldom is taken for gone, and what waits for it is dropped",
        "注册过于稀少的设备会被视为离线，等待下发的内容会被丢弃",
    ),
    (
        "it names the server or holds the keys for it: the device may never find its way back",
        "它含有服务器地址或密钥：设备可能再也连不回来",
    ),
    (
        "the device goes away from its server for as long as its disable timeout says",
        "设备将离开其服务器，时长由其禁用超时决定",
    ),
    ("it says how long a disabled device stays away", "它决定被禁用的设备离开多久"),
    (
        "a device whose binding its server does not speak is not reached any more",
        "服务器不支持其绑定方式的设备将无法再被触达",
    ),
    (
        "the device leaves its server for the bootstrap server, which may send it elsewhere",
        "设备将离开其服务器转向引导服务器，后者可能把它引向别处",
    ),
    ("it can take the server's own right to write away", "它可能收回服务器自身的写权限"),
    ("a factory reset forgets server, keys and APN", "恢复出厂会丢失服务器、密钥与 APN"),
    ("a firmware that does not start is not replaced from afar", "无法启动的固件不能远程替换"),
    ("a locked or wiped device answers nobody", "被锁定或擦除的设备不再应答"),
    ("it replaces or removes the software that answers for the device", "它会替换或移除代表设备应答的软件"),
    ("it decides whether the device reaches a network at all", "它决定设备能否接入网络"),
    (
        "it replaces the whole object instance (writeMode replace): the device may delete its other values",
        "它整体替换对象实例（writeMode replace）：设备可能删除其余的值",
    ),
    ("the manifests declare it protected", "清单声明其受保护"),
)
