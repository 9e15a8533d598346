import type { PageData } from "./page-data.js";
import { pagePlaces } from "./page-places.js";

/** The script of a page, which calls the patches' attention what the page does. */
export function pageScriptText(attentionTitle: string): string {
  return `(${pageScript.toString().replace("Class attention", attentionTitle)})(${pagePlaces.toString()});`;
}

/**
 * Brings the page to life; it stands in the page as its own source text, so it uses nothing from outside itself but
 * what it is handed. The page is complete without it, except for the answers to "what went where".
 */
function pageScript(placesOf: typeof pagePlaces): void {
  const find = <Kind extends Element>(selector: string) =>
    document.querySelector(selector) as unknown as Kind;
  const data = JSON.parse(find<HTMLElement>("#data").textContent ?? "") as PageData;
  const { views, tokens, attention, fence } = data;
  const { locate, place, patchAt, beside } = placesOf(data);
  const stage = find<HTMLElement>("#stage");
  const trace = find<SVGGElement>("#trace");
  const detail = find<HTMLElement>("#detail");
  const here = document.querySelector("#here");
  const buttons = [...document.querySelectorAll<HTMLElement>("[data-token]")];
  const count = views.reduce((sum, { rows, columns }) => sum + rows * columns, 0);
  const owner = new Array<number>(count).fill(-1);
  const goesTo = Array.from({ length: count }, () => [] as { token: number; weight: number }[]);
  tokens.forEach(({ patch, sources }, token) => {
    if (patch >= 0) owner[patch] = token;
    for (let i = 0; i < sources.length; i += 2) goesTo[sources[i]]?.push({ token, weight: sources[i + 1] });
  });

  type Target = { readonly patch: number } | { readonly token: number };
  let pinned: Target | undefined;
  let shown = "";

  const show = (target: Target | undefined) => {
    const key = JSON.stringify(target ?? null);
    if (key === shown) return;
    shown = key;
    trace.replaceChildren();
    stage.toggleAttribute("data-tracing", target !== undefined);
    for (const button of buttons) button.removeAttribute("aria-current");
    here?.setAttribute("visibility", "hidden");
    if (target === undefined) return detail.replaceChildren(...idle);
    if ("patch" in target && owner[target.patch] < 0) return showPatch(target.patch);
    showToken("patch" in target ? owner[target.patch] : target.token);
  };

  const idle = [...detail.childNodes];

  const showToken = (token: number) => {
    const { patch, kind, sources } = tokens[token];
    const merged: { patch: number; weight: number }[] = [];
    let own = 0;
    for (let i = 0; i < sources.length; i += 2) {
      if (sources[i] === patch) own = sources[i + 1];
      else if (sources[i] < count) merged.push({ patch: sources[i], weight: sources[i + 1] });
    }
    merged.sort((a, b) => b.weight - a.weight);
    const most = Math.max(...merged.map(({ weight }) => Math.abs(weight)), 1e-12);
    for (const { patch: from, weight } of merged) {
      const share = Math.abs(weight) / most;
      if (patch >= 0) line(from, patch, share);
      cell(from, "source", 0.25 + 0.75 * share);
    }
    if (patch >= 0) cell(patch, "self", 1);
    const words =
      kind === "global" ? "Global token" : kind === "class" ? "Class token" : `Patch ${place(patch)}`;
    const names = {
      outlier: "above the fence",
      sample: "below the fence",
      kept: "kept",
      global: "",
      class: "",
    };
    const total = merged.reduce((sum, { weight }) => sum + weight, 0);
    detail.replaceChildren(
      title(`Visual token ${token + 1}`, kind),
      text("p", [words, names[kind]].filter(Boolean).join(", ")),
      ...(patch >= 0 ? attentionLine(patch) : []),
      text(
        "p",
        merged.length === 0
          ? "Nothing merged in."
          : `${merged.length} patches merged in, weights ${round(total)} in all${own > 0 ? `; its own ${round(own)}` : ""}.`,
      ),
      list(
        merged.map(({ patch: from, weight }) => ({
          name: place(from),
          weight,
          share: Math.abs(weight) / most,
          go: { patch: from },
        })),
      ),
    );
    buttons.find((button) => button.dataset.token === String(token))?.setAttribute("aria-current", "true");
  };

  const showPatch = (patch: number) => {
    const ways = [...goesTo[patch]].sort((a, b) => b.weight - a.weight);
    for (const { token } of ways) {
      const to = tokens[token].patch;
      if (to >= 0) line(patch, to, 0.8);
      if (to >= 0) cell(to, "target", 1);
    }
    cell(patch, "self", 1);
    const most = Math.max(...ways.map(({ weight }) => Math.abs(weight)), 1e-12);
    detail.replaceChildren(
      title(`Patch ${place(patch)}`, "left"),
      text(
        "p",
        ways.length === 0
          ? "Left out: in no visual token."
          : `No token of its own; part of ${ways.length === 1 ? "one" : ways.length}.`,
      ),
      ...attentionLine(patch),
      list(
        ways.map(({ token, weight }) => ({
          name:
            tokens[token].patch < 0
              ? "global token"
              : `token ${token + 1}, patch ${place(tokens[token].patch)}`,
          weight,
          share: Math.abs(weight) / most,
          go: { token },
        })),
      ),
    );
  };

  const attentionLine = (patch: number): Node[] => {
    const value = attention[patch];
    if (value === undefined) return [];
    const [low, high] = data.axis;
    const share = value > 0 ? Math.min(1, Math.max(0, (Math.log(value) - low) / (high - low))) : 0;
    here?.setAttribute("transform", `translate(${share * 1000} 0)`);
    here?.setAttribute("visibility", "visible");
    const times = fence > 0 && views.length === 1 ? `, ${round(value / fence)} times the fence` : "";
    return [text("p", `Class attention ${round(value)}${times}.`)];
  };

  const round = (value: number) => String(Number(value.toPrecision(3)));
  const draw = (name: string, attributes: Record<string, string | number>) => {
    const element = document.createElementNS(trace.namespaceURI, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
    trace.append(element);
  };
  const cell = (patch: number, kind: string, opacity: number) => {
    const { x, y, width, height } = locate(patch);
    const edge = Math.min(1, width / 8);
    draw("rect", {
      x: x + edge,
      y: y + edge,
      width: width - 2 * edge,
      height: height - 2 * edge,
      class: kind,
      "stroke-opacity": opacity,
    });
  };
  const line = (from: number, to: number, share: number) => {
    const [one, other] = [locate(from), locate(to)];
    draw("line", {
      x1: one.x + one.width / 2,
      y1: one.y + one.height / 2,
      x2: other.x + other.width / 2,
      y2: other.y + other.height / 2,
      "stroke-opacity": 0.2 + 0.8 * share,
    });
  };

  const text = (name: string, content: string) => {
    const element = document.createElement(name);
    element.textContent = content;
    return element;
  };
  const title = (content: string, kind: string) => {
    const element = text("h2", content);
    element.className = `kind-${kind}`;
    return element;
  };
  const list = (items: { name: string; weight: number; share: number; go: Target }[]) => {
    const element = document.createElement("ul");
    for (const { name, weight, share, go } of items.slice(0, 12)) {
      const item = document.createElement("li");
      const button = text("button", name) as HTMLButtonElement;
      button.type = "button";
      button.addEventListener("click", () => pin(go));
      const bar = document.createElement("span");
      bar.className = "bar";
      bar.style.inlineSize = `${Math.max(2, share * 100)}%`;
      const track = document.createElement("span");
      track.className = "track";
      track.append(bar);
      item.append(button, track, text("code", round(weight)));
      element.append(item);
    }
    if (items.length > 12) element.append(text("li", `and ${items.length - 12} more`));
    return element;
  };

  const patchOf = (event: MouseEvent): Target | undefined => {
    const frame = stage.getBoundingClientRect();
    const [x, y, width, height] = data.box;
    const patch = patchAt(
      x + ((event.clientX - frame.left) / frame.width) * width,
      y + ((event.clientY - frame.top) / frame.height) * height,
    );
    return patch === undefined ? undefined : { patch };
  };
  const pin = (target: Target | undefined) => {
    pinned = target;
    show(target);
  };
  const current = () => {
    if (pinned === undefined) return undefined;
    return "patch" in pinned ? pinned.patch : tokens[pinned.token].patch;
  };

  stage.addEventListener(
    "pointermove",
    (event) => event.pointerType === "mouse" && show(patchOf(event) ?? pinned),
  );
  stage.addEventListener("pointerleave", () => show(pinned));
  stage.addEventListener("click", (event) => {
    const target = patchOf(event);
    pin(JSON.stringify(target) === JSON.stringify(pinned) ? undefined : target);
  });
  const walk = (event: KeyboardEvent) => {
    const from = Math.max(0, current() ?? 0);
    const kept = tokens
      .map(({ patch }) => patch)
      .filter((patch) => patch >= 0)
      .sort((a, b) => a - b);
    const moves: Record<string, () => number | undefined> = {
      ArrowLeft: () => beside(from, -1, 0, false),
      ArrowRight: () => beside(from, 1, 0, false),
      ArrowUp: () => beside(from, 0, -1, false),
      ArrowDown: () => beside(from, 0, 1, false),
      Home: () => beside(from, -1, 0, true),
      End: () => beside(from, 1, 0, true),
      n: () => kept.find((patch) => patch > from) ?? kept[0],
      p: () => kept.findLast((patch) => patch < from) ?? kept[kept.length - 1],
    };
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") return pin(undefined);
    const move = moves[event.key];
    if (move === undefined) return;
    event.preventDefault();
    const patch = move();
    if (patch !== undefined) pin({ patch });
  };
  stage.addEventListener("keydown", walk);

  buttons.forEach((button, at) => {
    const target = { token: Number(button.dataset.token) };
    button.tabIndex = at === 0 ? 0 : -1;
    button.addEventListener("pointerenter", (event) => event.pointerType === "mouse" && show(target));
    button.addEventListener("pointerleave", () => show(pinned));
    button.addEventListener("focus", () => {
      for (const other of buttons) other.tabIndex = other === button ? 0 : -1;
      pin(target);
    });
    button.addEventListener("click", () => pin(target));
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
