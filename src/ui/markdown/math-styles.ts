/** Formulas: what Temml's classes mean, as far as a browser does not know it by itself. */
import { css } from "lit";

export const mathStyles = css`
  .math {
    direction: ltr;
    unicode-bidi: isolate;
  }
  .math.display {
    display: block;
    max-width: 100%;
    overflow: auto hidden;
    padding-block: 0.25rem;
    text-align: center;
  }
  .math.scrolls:not(.display) {
    display: inline-block;
    max-width: 100%;
    overflow: auto hidden;
    vertical-align: middle;
  }
  math {
    display: inline-flex;
    flex-wrap: wrap;
    align-items: baseline;
    font-size: 1.1em;
  }
  math > mrow {
    padding: 0.5ex 0; /* between lines, where it breaks */
  }
  math[display="block"] {
    display: block math;
  }
  .tml-jot mtd {
    padding: 0.3em 0;
  }
  .tml-left {
    text-align: -webkit-left;
  }
  .tml-right {
    text-align: -webkit-right;
  }
  .line-left {
    border-left: 0.06em solid;
  }
  .line-right {
    border-right: 0.06em solid;
  }
  .line-top {
    border-top: 0.06em solid;
  }
  .line-bottom {
    border-bottom: 0.06em solid;
  }
  .line-box {
    padding: 0.2em;
    border: 1px solid;
  }
  menclose {
    position: relative;
  }
  .tml-cancel {
    position: absolute;
    inset: 0;
    background: currentColor;
  }
  .upstrike {
    clip-path: polygon(0 100%, 0 calc(100% - 0.06em), 100% 0, 100% 0.06em);
  }
  .downstrike {
    clip-path: polygon(0 0, 0 0.06em, 100% 100%, 100% calc(100% - 0.06em));
  }
  .sout {
    clip-path: polygon(0 52%, 0 calc(52% + 0.06em), 100% calc(52% + 0.06em), 100% 52%);
  }
`;
