/** The launcher's styles. Every property of the host element is important: the page's own rules reach it. */
export const launcherStyles = `
:host {
  all: initial !important;
  --recado-accent: #3b5bdb;
  --recado-on-accent: #fff;
  position: fixed !important;
  right: 20px !important;
  bottom: 20px !important;
  z-index: 2147483000 !important;
  display: block !important;
}
.launcher {
  box-sizing: border-box;
  width: 56px;
  height: 56px;
  padding: 14px;
  border: 0;
  border-radius: 28px;
  background: var(--recado-accent);
  color: var(--recado-on-accent);
  box-shadow: 0 6px 20px rgb(0 0 0 / 28%);
  cursor: pointer;
  position: relative;
}
.launcher:focus-visible { outline: 3px solid var(--recado-accent); outline-offset: 3px; }
.launcher svg { display: block; width: 28px; height: 28px; }
.badge {
  position: absolute;
  top: -4px;
  right: -4px;
  box-sizing: border-box;
  min-width: 22px;
  height: 22px;
  padding: 0 6px;
  border-radius: 11px;
  background: #c92a2a;
  color: #fff;
  font: 600 13px/22px system-ui, sans-serif;
  text-align: center;
}
.badge[hidden] { display: none; }
.panel {
  position: fixed;
  right: 20px;
  bottom: 88px;
  width: min(380px, calc(100vw - 40px));
  height: min(620px, calc(100vh - 108px));
  border-radius: 14px;
  overflow: hidden;
  box-shadow: 0 12px 40px rgb(0 0 0 / 32%);
  background: Canvas;
}
.panel[hidden] { display: none; }
iframe { display: block; width: 100%; height: 100%; border: 0; color-scheme: light dark; }
@media (max-width: 480px) {
  .panel { inset: 0; width: auto; height: auto; border-radius: 0; }
  .launcher.open { display: none; }
}
@media print { .launcher, .panel { display: none; } }
`;
