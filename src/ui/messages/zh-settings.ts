/** The settings' words in Simplified Chinese. */
import type { MessageTable } from "./translation";

export const settingsWords = {
  settings: "设置",
  settingsTitle: "设置",
  settingsNotSaved: "无法保存：浏览器禁止本页面使用存储。",

  settingsAppearance: "外观",
  settingsTheme: "主题",
  settingsThemes: {
    system: "跟随系统",
    light: "浅色",
    dark: "深色",
  },
  settingsLanguage: "语言",
  settingsLanguageAuto: (language) => `跟随浏览器（${language}）`,
  settingsLanguageHint: "更改语言会重新加载页面。正在书写的回复会就此结束，之后可以继续。",
  settingsLanguageFailed: (language) => `无法加载${language}，因此页面显示英语。请在有网络时重新加载页面。`,

  settingsModels: "模型",

  settingsPrivacy: "隐私",
  settingsPrivacyIntro:
    "输入的内容在本设备上计算，并保存在本浏览器中。不会向任何地方发送数据，没有统计，没有账户，也没有 Cookie。模型从下列主机获取；它们会看到本设备的网络地址，以及选择了哪个模型。除此之外，浏览器拒绝本页面的一切连接。",

  settingsConversations: (count) => `${count} 个对话`,
  settingsPresets: (count) => `${count} 个预设`,
  settingsExport: "导出所有对话",
  settingsExported: (name) => `已保存为 ${name}。`,
  settingsPersist: "请浏览器永不清除",
  settingsPersistRefused: "浏览器没有承诺。安装本页面或更常使用之后，它可能会同意。",

  settingsErase: "删除全部内容",
  settingsEraseIntro:
    "移除 Ingle 在本浏览器中保存的全部内容，所有标签页都包括在内：模型、对话、预设、设置、主机列表、对 GPU 的测量结果，以及可离线使用的页面副本。此操作无法撤销。",
  settingsEraseAsk: "删除全部内容……",
  settingsEraseSure: (what) => `永久删除全部内容吗？将失去：${what}。`,
  settingsEraseSureUnknown: "永久删除全部内容吗？",
  settingsEraseModels: (count, bytes) => `${count} 个模型（${bytes}）`,
  settingsEraseYes: "立即全部删除",
  settingsEraseNo: "全部保留",

  erasing: "正在删除全部内容……",
  erasedTitle: "已全部删除",
  erased: "本浏览器中已没有 Ingle 的任何内容。关闭此标签页即可保持如此。",
  erasedBlocked: "模型、对话和设置都已删除。另一个标签页仍占用着空的数据库：请关闭 Ingle 的所有其他标签页。",
  erasedStart: "重新开始",
  erasureFailed: (why) => `未能全部删除：${why}`,
  erasureRetry: "重试",
} satisfies Partial<MessageTable>;
