/** A shared worker that exists to be asked whether WebGPU works in one. */
import { answerProbe } from "./answer-probe";
import { PROBE_DEVICE } from "./protocol";

declare const self: SharedWorkerGlobalScope;

self.onconnect = ({ ports: [port] }) => {
  if (port === undefined) return;
  port.onmessage = ({ data, ports: [answerPort] }: MessageEvent<unknown>) => {
    if (data !== PROBE_DEVICE || answerPort === undefined) return;
    void answerProbe(self.navigator.gpu, answerPort);
  };
};
