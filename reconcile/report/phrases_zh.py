"""Chinese for sentences that other rooms fix in English: summaries of diagnostics, reasons of the planner.

Keyed by the English sentence, not by code: it is the sentence that is shown, and a new one falls back to English.
"""

from __future__ import annotations

import re

SUMMARIES: dict[str, str] = {
    "file is not valid YAML": "文件不是有效的 YAML",
    "file is not UTF-8 text": "文件不是 UTF-8 文本",
    "key is given twice": "键重复",
    "YAML feature is not allowed in manifests": "清单不允许使用该 YAML 特性",
    "file exceeds a limit": "文件超出限制",
    "file cannot be read": "文件无法读取",
    "file holds no document": "文件中没有文档",
    "character is not allowed in manifests": "清单中含有不允许的字符",
    "file has more problems than are shown": "该文件还有未列出的问题",
    "unknown key": "未知的键",
    "required key is missing": "缺少必需的键",
    "value has the wrong type": "值的类型不对",
    "value is not allowed here": "此处不允许该值",
    "unknown kind or apiVersion": "未知的 kind 或 apiVersion",
    "secret is written in plain text": "密钥以明文书写",
    "there must be exactly one Fleet": "必须有且仅有一个 Fleet",
    "name is used twice": "名称重复",
    "unknown platform type": "未知的平台类型",
    "number can be read in two ways": "数字有两种读法",
    "there must be exactly one Fleet document": "必须有且仅有一个 Fleet 文档",
    "no such platform": "没有该平台",
    "device has no platform": "设备没有指定平台",
    "two devices have one identity": "两台设备的标识相同",
    "device document contradicts the inventory": "设备文档与设备台账矛盾",
    "two profiles of equal priority disagree": "优先级相同的两个配置模板冲突",
    "section does not fit the device's platform": "配置段与设备所属平台不符",
    "profile matches no device": "配置模板没有匹配到设备",
    "resource has no value": "资源没有值",
    "command would expire before it is valid": "命令在生效前就会过期",
    "duration cannot be read": "时长无法识别",
    "variable has no value": "变量没有值",
    "unknown variable": "未知的变量",
    "variable names a label that the device does not have": "变量引用了该设备没有的标签",
    "value cannot be cleared on this platform": "该平台不支持清除该值",
    "resource cannot be cleared on removal on this platform": "该平台不支持移除时清除该资源",
    "secret inside a structured value": "结构化值中含有密钥",
    "command waits for a resource that is not declared": "命令所等待的资源未声明",
    "platform cannot run commands": "该平台不能执行命令",
    "command arguments are too long": "命令参数过长",
    "resource is declared twice in one document": "同一文档中资源重复声明",
    "selector cannot be read": "选择器无法识别",
    "no such device": "没有该设备",
    "date cannot be read": "日期无法识别",
    "hold has expired": "冻结已到期",
    "hold covers no device": "冻结没有覆盖任何设备",
    "state backend is not available in this version": "本版本不支持该状态库",
    "no such platform type": "没有该平台类型",
    "inventory is not readable text": "设备台账不是可读的文本",
    "inventory has no usable header": "设备台账没有可用的表头",
    "inventory column has no usable name": "设备台账的列名不可用",
    "row has the wrong number of cells": "该行的单元格数目不对",
    "row cannot be read as CSV": "该行不是有效的 CSV",
    "row has no usable device name": "该行没有可用的设备名",
    "line is not an inventory object": "该行不是设备台账对象",
    "inventory member is not text": "设备台账的字段不是文本",
    "device is in the inventories twice": "设备在台账中重复",
    "inventory format is not known": "未知的设备台账格式",
    "listing of a cloud is not at hand": "没有可用的云端设备列表",
    "listing of a cloud could not be fetched": "无法获取云端设备列表",
    "listing of a cloud is old": "云端设备列表已过旧",
    "two listings are the same": "两个云端列表条目相同",
    "two listings give one device different labels": "两个云端列表给同一设备不同的标签",
    "listed device cannot be used and is left out": "云端列表中的设备不可用，已略过",
    "fact of a listed device is left out": "已略过云端设备的一项信息",
    "name cannot be a label of a listed device": "该名称不能作为云端设备的标签",
    "selector asks for a fact that changes at every contact": "选择器使用了每次联系都会变化的信息",
    "listing of a cloud holds no device": "云端设备列表为空",
    "device has no usable identity": "设备没有可用的标识",
    "path does not name a resource": "路径不是有效的资源",
    "resource path cannot be read": "资源路径无法识别",
    "device model has no such resource": "设备模型中没有该资源",
    "value cannot be written to this resource": "该资源不可写入此值",
    "value does not fit the type of this resource": "值与该资源的类型不符",
    "value is out of the range of this resource": "值超出该资源的取值范围",
    "value is too large for one write": "值过大，一次写入放不下",
    "arguments of a command are too large": "命令参数过大",
    "write mode replace may delete other values": "replace 写入方式可能删除其他值",
    "replaced instance does not fit one write": "整体替换的实例一次写入放不下",
    "message is larger than one CoAP payload": "消息超过一个 CoAP 载荷",
    "thing model cannot be used": "物模型不可用",
    "command cannot run on this platform": "该平台不能执行此命令",
    "platform configuration does not fit together": "平台配置前后矛盾",
    "platform cannot be used as configured": "平台按此配置无法使用",
    "credentials do not fit the platform": "凭证与平台不符",
    "cached commands could not be followed": "无法跟踪缓存命令",
    "endpoint is not encrypted": "接入地址未加密",
    "device name is ambiguous": "设备名不唯一",
    "secret missing": "缺少密钥",
    "credential missing": "缺少凭证",
    "credential has expired": "凭证已过期",
    "credentials provider cannot be used": "凭证提供者不可用",
    "unknown platform": "未知的平台",
    "endpoint is not safe": "接入地址不安全",
    "too many devices would change": "将变更的设备过多",
    "too large a part of the fleet would change": "将变更的设备占比过大",
    "the inventory shrank too much": "设备台账缩减过多",
    "Policy documents are not carried out by this version": "本版本不执行 Policy 文档",
    "waves are not carried out by this version": "本版本不分批次执行",
}

_REASONS: tuple[tuple[str, str], ...] = (
    ("manifest", "清单"),
    ("already there", "已在云端"),
    ("left the manifests", "已移出清单"),
    ("left the manifests (onRemoval)", "已移出清单（onRemoval）"),
    ("the device left the manifests", "设备已移出清单"),
    ("command left the manifests", "命令已移出清单"),
    ("drift: changed outside", "漂移：被外部修改"),
    ("changed in the manifests and outside", "清单与外部都改过"),
    ("observed differs from the declared value", "观测值与声明的值不同"),
    ("reverted before it was delivered", "送达之前已改回"),
    ("shares a queued command that is withdrawn", "与被撤回的排队命令同属一条"),
    ("retry: the queued write expired", "重试：排队的写入已过期"),
    ("retry: the queued write failed", "重试：排队的写入失败"),
    ("retry: the last write failed", "重试：上次写入失败"),
    ("no longer written: the queued write is withdrawn", "不再写入：撤回排队的写入"),
    ("retry: the queued write cancelled", "重试：排队的写入已取消"),
    ("the queued change {how}; the device holds this value", "排队的变更未送达（{how}）；设备当前即为此值"),
    ("queue full: {live} of {limit}", "队列已满：{live}/{limit}"),
    ("{reason}; withdrawn now, written when the queue has room", "{reason}；现在撤回，队列有空位后再下发"),
    ("{name}: after its resources change", "{name}：在其资源变更之后"),
    ("{name}: new trigger", "{name}：触发值已变"),
    ("{name}: withdrawn with its change", "{name}：随其变更一并撤回"),
    ("in step: a plan leaves it alone.", "已一致：计划不会改动它。"),
    (
        "nothing to run: neither its trigger nor a resource it follows has changed.",
        "无需执行：触发值与所跟随的资源均未变更。",
    ),
    ("waits: {reason}.", "等待：{reason}。"),
    ("seed: git set it once; since then it belongs to the field.", "初值：git 设置过一次，此后由现场决定。"),
    ("observe: it is looked at and never written.", "只观察：只读取，从不写入。"),
    ("ignore: it is neither looked at nor written.", "忽略：既不读取，也不写入。"),
    ("a plan would set it: {reason}.", "计划将新增：{reason}。"),
    ("a plan would change it: {reason}.", "计划将修改：{reason}。"),
    ("a plan would clear it: {reason}.", "计划将清除：{reason}。"),
    ("a plan would let go of it: {reason}.", "计划将不再管理它：{reason}。"),
    ("a plan would only record it: {reason}.", "计划仅作记录：{reason}。"),
    ("a plan would run it: {reason}.", "计划将执行它：{reason}。"),
    ("a plan leaves the device alone: {reason}.", "计划不处理该设备：{reason}。"),
    ("{name}, until {until}: {why}", "{name}，至 {until}：{why}"),
)


def reason_in_chinese(text: str) -> str:
    """A sentence of the planner in Chinese; any other text as it is."""
    for pattern, chinese in _PATTERNS:
        if found := pattern.fullmatch(text):
            parts = found.groupdict()
            if "reason" in parts:
                parts["reason"] = reason_in_chinese(parts["reason"])
            return chinese.format_map(parts)
    return text


def _pattern(english: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+?)", re.escape(english)))


_PATTERNS = tuple((_pattern(english), chinese) for english, chinese in _REASONS)
