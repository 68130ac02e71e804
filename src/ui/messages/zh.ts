/** The page's own words in Simplified Chinese, in the order of en.ts. Types only may be imported here: see ../messages.ts. */
import type { MessageTable } from "./translation";
import { chatWords } from "./zh-chat";
import { modelWords } from "./zh-models";
export { others } from "./zh-others";
import { settingsWords } from "./zh-settings";

export const words: MessageTable = {
  direction: "ltr",

  ...chatWords,
  ...settingsWords,

  navigation: "页面",
  check: "检测",
  install: "安装",
  skipToContent: "跳到正文",

  ungated:
    "Ingle 没有启动：阻止本页面访问其他服务器的脚本（gate.js）没有加载。请重新加载页面；如果仍然如此，可能是内容拦截器或服务器的问题。",
  loadFailed: "Ingle 的这一部分无法加载：没有网络，或者已被新版本取代。",
  reload: "重新加载",

  updateReady: "Ingle 有新版本了。",
  updateApply: "重新加载并更新",
  updateLater: "以后再说",

  downloadDone: "模型已下载好",
  downloadFailed: "下载已停止",

  checkTitle: "WebGPU 在这里能做什么",
  checking: "正在向浏览器询问它的 GPU……",
  checkAgain: "重新检测",
  verdict: "结论",
  sharedTitle: "来自别处的报告",
  sharedIntro: (date) => `有人分享了他们的浏览器和 GPU 的能力，截至 ${date}。这里的内容与本设备无关。`,
  sharedOpening: "正在打开报告……",
  sharedOwn: "改为检测本设备",

  measure: "测速",
  measureAgain: "重新测速",
  measureStop: "停止",
  measuring: (step, done, total) => `${step}：第 ${done + 1} 项，共 ${total} 项`,
  measureSteps: {
    kernelChecks: "正在校验计算内核",
    readBandwidth: "正在测量显存带宽",
    f32Throughput: "正在测量 32 位运算",
    f16Throughput: "正在测量 16 位运算",
    uploadRate: "正在测量上传速度",
    dispatchCost: "正在测量调度开销",
    readbackLatency: "正在测量回读延迟",
  },
  measureIntro: "最多需要十秒和 256 MiB 显存。不会向任何地方发送数据。",
  measureDone: "测量完成。",
  measureStopped: "已停止。此前测得的结果会保留。",

  copyJson: "复制 JSON",
  downloadJson: "下载 JSON",
  copyLink: "复制链接",
  compare: "比较……",
  copiedJson: "报告已复制到剪贴板。",
  copiedLink: "链接已复制到剪贴板。报告就在链接里，没有上传任何内容。",
  copyByHand: "本页面不能使用剪贴板。请从这里复制：",
  downloaded: (name) => `已保存为 ${name}。`,

  chartTitle: "显存带宽，与常见设备对照",
  chartCaption: "每条刻度线是前一条的十倍。其他设备为厂商公布的峰值，着色器只能达到其中一部分。",
  chartHere: "本 GPU",
  chartThere: "那块 GPU",
  chartMeaning: (tokens) => `按此速率，1 GB 的模型每秒最多能生成约 ${tokens} 个词元。`,

  columnName: "项目",
  columnValue: "数值",
  columnAgainst: "与默认值相比",
  none: "无。",
  presentAll: (count) => `共 ${count} 项`,

  compareTitle: "与另一份报告比较",
  compareIntro: "粘贴报告的 JSON 或链接，或者打开已保存的文件。",
  comparePaste: "报告或链接",
  compareOpen: "打开文件……",
  compareGo: "比较",
  compareCancel: "取消",
  compareEmpty: "请先粘贴一份报告或它的链接。",
  compareTooLarge: "这个文件远大于任何报告。",
  compareHeading: "比较结果",
  compareFirst: "本报告",
  compareSecond: "另一份报告",
  compareDifference: "另一份与本报告相比",
  compareEnd: "结束比较",
  compareAll: "同时显示相同的项目",
  compareAbsent: "没有",
  compareSummary: (different, same) => `${different} 处不同，${same} 处相同。`,

  ...modelWords,

  networkTitle: "本页面可以访问哪里",
  networkIntro:
    "除页面自身的服务器、本机以及下列主机之外，浏览器会拒绝本页面的一切连接。只有在选择模型时，才会向这些主机请求模型。",
  networkStarter: (host) => `入门模型是例外：它在首次访问时从 ${host} 获取，这是此页面运营者的选择。`,
  networkHosts: "允许的主机",
  networkNoHosts: "无：Ingle 只使用这里已保存的内容。",
  networkRemove: "移除",
  networkRemoveHost: (host) => `移除 ${host}`,
  networkAddLabel: "添加主机",
  networkAddHint: "例如 models.example.org，或用 *.example.org 表示其下的所有主机。仅限 https。",
  networkAdd: "添加",
  networkDefaults: "恢复默认",
  networkReload: "重新加载以生效",
  networkChanged: "列表已更改，重新加载页面后生效。",
  networkNotSaved: "列表无法保存：浏览器禁止本页面使用存储。",
  networkListed: (host) => `${host} 已在列表中。`,
  networkTooMany: (max) => `列表最多容纳 ${max} 个主机。请先移除一个。`,
  networkKept: "谁受此约束",
  networkPage: "页面",
  networkWorker: "负责计算的 Worker",
  networkServiceWorker: "Service Worker",
  networkEnforced: "由浏览器按此列表强制执行",
  networkServiceWorkerStates: {
    sent: "由浏览器按此列表强制执行，依据是服务器发送的响应头",
    "not-sent": "浏览器没有强制执行：服务器没有随 sw.js 发送策略。但其代码只请求本页面自己的文件",
    unknown: "暂时无法确认",
    none: "这里没有运行",
  },

  markdown: {
    linkAway: (address) => `${address}（在新标签页中打开）`,
    imageLink: (alternative) => (alternative === "" ? "图片" : `图片：${alternative}`),
    table: "表格",
    taskDone: "已完成：",
    taskOpen: "待办：",
    code: "代码",
    codeIn: (language) => `代码，${language}`,
    copyCode: "复制",
    copyCodeLabel: (language) => `复制代码（${language}）`,
    copiedCode: "已复制",
    copyCodeFailed: "本页面不能使用剪贴板。请选中代码后复制。",
  },
};
