/** What is English where it is made, in Simplified Chinese: verdicts, errors, the catalogue's texts. */
import { report } from "./zh-report";
import type { Translation } from "./translation";

const answers = (isMeasured: boolean) => (isMeasured ? "应答速度为" : "预计应答速度约为");

const limits: Translation["fit"]["limits"] = {
  maxBufferSize: (needed, allowed) => `需要 ${needed} 的单个缓冲区；Ingle 在这里得到 ${allowed}。`,
  maxStorageBufferBindingSize: (needed, allowed) => `需要 ${needed} 的单个绑定；Ingle 在这里得到 ${allowed}。`,
  maxStorageBuffersPerShaderStage: (needed, allowed) =>
    `一个着色器需要 ${needed} 个存储缓冲区；Ingle 在这里得到 ${allowed} 个。`,
  maxComputeWorkgroupStorageSize: (needed, allowed) => `需要 ${needed} 工作组内存；Ingle 在这里得到 ${allowed}。`,
};

export const others: Translation = {
  report,

  fit: {
    noGpu: "此浏览器没有提供可用于计算的 GPU。",
    needsF16: "它的 WebLLM 版本用 16 位计算；此适配器没有 shader-f16。",
    hasF16: "它的 WebLLM 版本需要 WebGPU 功能 shader-f16；此适配器具备。",
    limits,
    webllmLimits: {
      maxBufferSize: (needed, allowed) => `WebLLM 在这里能得到 ${allowed} 的缓冲区；它需要 ${needed}。`,
      maxStorageBufferBindingSize: (needed, allowed) => `WebLLM 在这里能得到 ${allowed} 的绑定；它需要 ${needed}。`,
      maxStorageBuffersPerShaderStage: (needed, allowed) =>
        `WebLLM 的一个着色器需要 ${needed} 个存储缓冲区；此适配器允许 ${allowed} 个。`,
      maxComputeWorkgroupStorageSize: (needed, allowed) =>
        `WebLLM 需要 ${needed} 工作组内存；此适配器允许 ${allowed}。`,
    },
    triedInVain: (engine) => `在这里试过用 ${engine}，未能运行。`,
    disk: (download, left) => `下载量为 ${download}；此浏览器还能为本网站保存 ${left}。`,
    diskUnknown: (download) => `下载量为 ${download}；不知道此浏览器能为本网站保存多少。`,

    memoryUnknown: (needed) => `需要 ${needed}；本 GPU 有多少显存，要试验后才知道。`,
    memoryRoom: (needed, has) => `需要 ${needed}；可用空间为 ${has}。`,
    memoryTight: (needed, has) => `需要 ${has} 中的 ${needed}：留给其他程序的很少。`,
    memoryPerhaps: (needed, has) => `需要 ${needed}；已知有 ${has}，是否更多要试验后才知道。`,

    speedUnknown: "在测量本 GPU 之前，不知道它会有多快。",
    speed: (rate, isMeasured) => `${answers(isMeasured)} ${rate} 词元/秒。`,
    speedSlow: (rate, isMeasured, wished, isReading) =>
      `${answers(isMeasured)} ${rate} 词元/秒，低于${isReading ? "人的阅读速度" : "设定的"} ${wished}。`,

    takeLargestUnmeasured: (model) => `${model} 是放得下且留有余量的最大模型。在测量本 GPU 之前，不知道它应答有多快。`,
    takeLargest: (model, isReading) =>
      `${model} 是放得下且留有余量、应答${isReading ? "比人阅读还快" : "达到设定速度"}的最大模型。`,
    takeFastest: (model, isReading) =>
      `${model} 是放得下的模型中最快的；这里没有模型能达到${isReading ? "人的阅读速度" : "设定的速度"}。`,
    takeTight: (model) => `${model} 是最小的，也是唯一放得下的：请关闭其他占用 GPU 的程序。`,
    takeAsTry: (model) => `${model} 值得一试：不知道本 GPU 有多少显存，下载前的试验会给出答案。`,
    takeSmallest: (model) => `${model} 是最小的：是否放得下，试验后便知。`,
    notLarger: (model, reason) => `不选 ${model}：${reason}`,
    notSmaller: (model, times) =>
      `不选 ${model}：它${times === undefined ? "更小" : `的速度约为 ${times} 倍`}，但回答得较差。`,

    engineChosen: (engine) => `${engine}，按所选。`,
    engineOnly: (engine, build) => `${engine}：没有其他引擎能运行 ${build}。`,
    engineOtherCannot: (engine, other, why) => `${engine}。${other} 在这里无法运行此版本：${why}`,
    engineNoLibrary: (engine, other) => `${engine}：获取时没有带上 ${other} 的模型库。移除后重新获取即可一并得到。`,
    engineLessRoom: (engine, other, why) => `${engine}。用 ${other} 时空间更少：${why}`,
    engineMeasured: (engine, rate, other, otherRate) =>
      `${engine}：在此实测为 ${rate} 词元/秒，${other} 为 ${otherRate}。`,
    engineCompiled: (engine) => `${engine}，其代码是为此模型编译的。获取之后可以比较两种引擎。`,
  },

  errors: {
    aborted: "已停止。",
    "timed-out": "没有及时得到回应。",
    "worker-failed": "Ingle 负责计算的部分出错了。请重新加载页面。",
    "device-unavailable": "无法打开 GPU。",
    "device-lost": "与 GPU 的连接已丢失。",
    "gpu-validation": "GPU 拒绝了一项任务。",
    "gpu-out-of-memory": "显存不足。",
    "link-broken": "无法打开这个链接。",
    "report-invalid": "无法使用这份报告。",
    "file-invalid": "无法读取这个文件。",
    "host-invalid": "这不是可以加入列表的主机。",
    "host-blocked": "本页面不能访问这个主机。可以在“设置”中允许它。",
    "requirement-invalid": "无法理解这项要求。",
    "source-failed": "没有从那里得到所需的内容。",
    "model-invalid": "这些文件不是完整的模型。",
    "model-unsupported": "Ingle 无法运行这个模型。",
    "context-too-long": "这里不能使用这么长的上下文。",
    "context-full": "对话超出了模型的上下文。",
    "gpu-wrong": "这块 GPU 计算有误，或者无法测量。",
    "request-invalid": "不能这样做。",
    "starter-missing": "本页面没有附带入门模型。",
    "not-stored": "这里已不再保存它。",
    "model-busy": "另一个标签页或任务正在使用它。",
    "permission-needed": "浏览器需要再次获得读取这些文件的许可。",
    "storage-full": "浏览器的存储空间已满。",
    "storage-failed": "无法使用浏览器的存储。",
    "checksum-mismatch": "收到的内容与发布的不一致。",
    "no-model": "没有加载模型。",
    "chat-invalid": "模型无法读取这段对话。",
    "json-incomplete": "回复在 JSON 完整之前就结束了。",
    unexpected: "发生了意外情况。",
  },

  catalogue: {
    "Tiny: a first taste in English, not for facts.": "微型：用英语尝鲜，不能用来查证事实。",
    "Very small: simple conversation in English, not for facts.": "很小：适合简单的英语对话，不能用来查证事实。",
    "The strongest all-rounder here that a good laptop or a gaming PC runs.":
      "这里最强的全能模型，好的笔记本电脑或游戏电脑能够运行。",
    "An early small model, kept for comparison: newer ones of its size answer better.":
      "早期的小模型，留作比较：同样大小的新模型回答得更好。",
    "The largest here: only for machines with 40 GB of graphics memory or more.":
      "这里最大的模型：仅适合有 40 GB 以上显存的机器。",
    "Made for writing, explaining and repairing code; small enough to sit beside an editor.":
      "用于编写、解释和修复代码；小到可以与编辑器并用。",
    "Thinks aloud before it answers: strong at maths and logic, slow to the point.":
      "先展示思考再回答：擅长数学和逻辑，得出结论较慢。",
    "Made for writing, explaining and repairing code; the best coder here.":
      "用于编写、解释和修复代码；是这里最擅长代码的。",
    "A small all-rounder: chat, summaries and translation on modest devices.":
      "小型全能模型：在普通设备上对话、摘要和翻译。",
    "A small English all-rounder; its context takes much memory.": "小型英语全能模型；它的上下文占用较多内存。",
    "Thinks aloud before it answers; the larger of the two.": "先展示思考再回答；两个中较大的一个。",
    "Small, with a friendly tone; summaries and simple questions.": "小巧，语气友好；适合摘要和简单问题。",
    "Writes well and keeps to its instructions; for laptops.": "文笔好，能遵循指示；适合笔记本电脑。",
    "Very small and quick; short answers and simple rewriting, often wrong about facts.":
      "非常小而快；适合简短回答和简单改写，事实常有错误。",
    "Solves school and contest maths step by step; little else.": "逐步解答学校和竞赛数学题；别的不太会。",
    "Made for writing, explaining and repairing code; short pieces only.": "用于编写、解释和修复代码；仅限短小片段。",
    "A good middle: follows instructions well and fits most laptops.":
      "适中之选：能很好地遵循指示，大多数笔记本电脑都放得下。",
    "A well-known all-rounder for machines with a large graphics memory.": "知名的全能模型，适合显存大的机器。",
    'Asks for "Built with Llama" where it is offered to others, and has a policy of acceptable use.':
      "向他人提供时须注明“Built with Llama”，并有可接受使用政策。",
    "Made from Llama 3.1, whose licence applies as well.": "基于 Llama 3.1，其许可证同样适用。",
    "Not for commercial use.": "不可用于商业用途。",
  },
};
