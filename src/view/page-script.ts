import { liveStage } from "./live/live-stage.js";
import { type Focus, stageModel } from "./live/stage-model.js";
import type { PageData } from "./page-data.js";
import { markColours } from "./palette.js";

/** The script of an inspection's page, as text. */
export function pageScriptText(): string {
  const colours = JSON.stringify(markColours);
  return `(${pageScript.toString()})(${stageModel.toString()},${liveStage.toString()},${colours});`;
}

/**
 * Brings the page to life; it stands in the page as its own source text, so it uses nothing from outside itself but
 * what it is handed. The page is complete without it, except for the answers to "what went where".
 */
function pageScript(
  modelOf: typeof stageModel,
  liven: typeof liveStage,
  colours: Readonly<Record<string, string>>,
): void {
  const find = <Kind extends Element>(selector: string) =>
    document.querySelector(selector) as unknown as Kind;
  const data = JSON.parse(find<HTMLElement>("#data").textContent ?? "") as PageData;
  const model = modelOf(data);
  const detail = find<HTMLElement>("#detail");
  const idle = [...detail.childNodes];
  const here = document.querySelector("#here");
  const buttons = [...document.querySelectorAll<HTMLElement>("[data-token]")];
  const mostListed = 12;
  let hovered: Focus | undefined;
  let pinned: Focus | undefined;
  let shown = "";

  const hover = (focus: Focus | undefined) => {
    hovered = focus;
    show();
  };
  const pin = (focus: Focus | undefined) => {
    pinned = JSON.stringify(focus) === JSON.stringify(pinned) ? undefined : focus;
    show();
  };
  const live = liven(find<HTMLElement>("#stage"), model, colours, { hover, pin });

  const show = () => {
    const focus = hovered ?? pinned;
    const key = JSON.stringify(focus ?? null);
    if (key === shown) return;
    shown = key;
    live.trace(focus);
    for (const button of buttons) button.removeAttribute("aria-current");
    here?.setAttribute("visibility", "hidden");
    if (focus === undefined) return detail.replaceChildren(...idle);
    const { title, place, kind, lines, own, links } = model.detail(focus);
    const head = text("h2", title);
    head.className = `kind-${kind}`;
    const where = place === "" ? [] : [text("p", place)];
    detail.replaceChildren(head, ...where, ...lines.map((line) => text("p", line)), list(links));
    if (own >= 0) pointAt(own);
    if (focus.kind === "token") buttons[focus.row]?.setAttribute("aria-current", "true");
  };

  /** Where a patch's attention lies in the histogram. */
  const pointAt = (patch: number) => {
    const value = data.attention[patch];
    if (value === undefined) return;
    const [low, high] = data.axis;
    const share = value > 0 ? Math.min(1, Math.max(0, (Math.log(value) - low) / (high - low))) : 0;
    here?.setAttribute("transform", `translate(${share * 1000} 0)`);
    here?.setAttribute("visibility", "visible");
  };
  const text = (name: string, content: string) => {
    const element = document.createElement(name);
    element.textContent = content;
    return element;
  };
  const list = (links: ReturnType<typeof model.detail>["links"]) => {
    const element = document.createElement("ul");
    for (const { name, weight, share, focus } of links.slice(0, mostListed)) {
      const item = document.createElement("li");
      const button = text("button", name) as HTMLButtonElement;
      button.type = "button";
      button.addEventListener("click", () => {
        pinned = focus;
        show();
      });
      const bar = document.createElement("span");
      bar.className = "bar";
      bar.style.inlineSize = `${Math.max(2, share * 100)}%`;
      const track = document.createElement("span");
      track.className = "track";
      track.append(bar);
      item.append(button, track, text("code", String(Number(weight.toPrecision(3)))));
      element.append(item);
    }
    if (links.length > mostListed) element.append(text("li", `and ${links.length - mostListed} more`));
    return element;
  };

  buttons.forEach((button, at) => {
    const focus: Focus = { kind: "token", row: Number(button.dataset.token) };
    button.tabIndex = at === 0 ? 0 : -1;
    button.addEventListener("pointerenter", (event) => event.pointerType === "mouse" && hover(focus));
    button.addEventListener("pointerleave", () => hover(undefined));
    button.addEventListener("focus", () => {
      for (const other of buttons) other.tabIndex = other === button ? 0 : -1;
      pinned = focus;
      show();
    });
    button.addEventListener("keydown", (event) => {
      const steps: Record<string, number> = {
        ArrowLeft: at - 1,
        ArrowRight: at + 1,
        Home: 0,
        End: buttons.length - 1,
      };
      if (event.key === "Escape") pin(undefined);
      const next = buttons[steps[event.key]];
      if (next === undefined) return;
      event.preventDefault();
      next.focus();
    });
  });
}
