/** Makes the page look as drawn, changing only what differs: focus, carets and scrolling survive. */
import type { Attribute, Attributes, Child, Handler, Piece } from './element.ts';
import { pieces } from './element.ts';

interface Mounted {
  readonly node: ChildNode;
  readonly piece: Piece;
  readonly children: readonly Mounted[];
}

const SVG_TAGS = new Set(['svg', 'path', 'polyline', 'circle']);
/** People change these by themselves: they are compared with the node, not with what was drawn. */
const LIVE = new Set(['value', 'checked']);

const handlers = new WeakMap<EventTarget, Map<string, Handler>>();

function dispatch(event: Event): void {
  const target = event.currentTarget;
  if (target !== null) handlers.get(target)?.get(event.type)?.(event);
}

function setHandler(node: Element, type: string, handler: Handler | undefined): void {
  const known = handlers.get(node) ?? new Map<string, Handler>();
  handlers.set(node, known);
  if (handler === undefined) {
    known.delete(type);
    return;
  }
  if (!known.has(type)) node.addEventListener(type, dispatch);
  known.set(type, handler);
}

function setAttribute(node: Element, name: string, wanted: Attribute): void {
  if (name.startsWith('on') || typeof wanted === 'function') {
    setHandler(node, name.slice(2), typeof wanted === 'function' ? wanted : undefined);
  } else if (wanted === undefined || wanted === false) {
    node.removeAttribute(name);
  } else {
    node.setAttribute(name, wanted === true ? '' : String(wanted));
  }
}

function setAttributes(node: Element, before: Attributes, wanted: Attributes): void {
  for (const name of new Set([...Object.keys(before), ...Object.keys(wanted)])) {
    if (!LIVE.has(name) && before[name] !== wanted[name]) setAttribute(node, name, wanted[name]);
  }
}

/** After the children, because a list only takes a value that is among its options. */
function setLive(node: Element, { value, checked }: Attributes): void {
  if (node instanceof HTMLInputElement && typeof checked === 'boolean') node.checked = checked;
  const holdsText =
    node instanceof HTMLInputElement ||
    node instanceof HTMLTextAreaElement ||
    node instanceof HTMLSelectElement;
  if (holdsText && typeof value === 'string' && node.value !== value) node.value = value;
  if (node instanceof HTMLOptionElement && typeof value === 'string') node.value = value;
}

function create(piece: Piece): Mounted {
  if (typeof piece === 'string') {
    return { node: document.createTextNode(piece), piece, children: [] };
  }
  const node = SVG_TAGS.has(piece.tag)
    ? document.createElementNS('http://www.w3.org/2000/svg', piece.tag)
    : document.createElement(piece.tag);
  setAttributes(node, {}, piece.attributes);
  // Radio buttons and boxes have a value that is sent, besides being checked.
  if (node instanceof HTMLInputElement && typeof piece.attributes['value'] === 'string') {
    node.setAttribute('value', piece.attributes['value']);
  }
  const children = patchChildren(node, [], piece.children);
  setLive(node, piece.attributes);
  // Once it is on the page: focus and dialogs need that.
  if ('onmounted' in piece.attributes) {
    queueMicrotask(() => node.dispatchEvent(new Event('mounted')));
  }
  return { node, piece, children };
}

function update(mounted: Mounted, wanted: Piece): Mounted {
  const { node, piece } = mounted;
  if (typeof wanted === 'string' || typeof piece === 'string' || !(node instanceof Element)) {
    if (wanted !== piece && typeof wanted === 'string') node.nodeValue = wanted;
    return { ...mounted, piece: wanted };
  }
  if (wanted === piece) return mounted;
  setAttributes(node, piece.attributes, wanted.attributes);
  const children = patchChildren(node, mounted.children, wanted.children);
  setLive(node, wanted.attributes);
  return { node, piece: wanted, children };
}

function identity(piece: Piece): string {
  return typeof piece === 'string' ? '' : `${piece.tag} ${piece.key}`;
}

function remove(node: ChildNode): void {
  // Closed, it gives the focus back to where it was before.
  if (node instanceof HTMLDialogElement) node.close();
  node.remove();
}

function patchChildren(
  parent: Element,
  before: readonly Mounted[],
  wanted: readonly Piece[],
): readonly Mounted[] {
  const free = new Map<string, Mounted[]>();
  for (const mounted of before) {
    const same = free.get(identity(mounted.piece));
    if (same === undefined) free.set(identity(mounted.piece), [mounted]);
    else same.push(mounted);
  }
  const next = wanted.map((piece) => {
    const found = free.get(identity(piece))?.shift();
    return found === undefined ? create(piece) : update(found, piece);
  });
  // What is gone goes first: what stays then keeps its place, and with it the focus.
  for (const left of free.values()) for (const { node } of left) remove(node);
  next.forEach(({ node }, index) => {
    const there = parent.childNodes[index];
    if (there !== node) parent.insertBefore(node, there ?? null);
  });
  return next;
}

/** Empties the element, and returns what draws into it, again and again. */
export function drawingInto(root: Element): (...children: Child[]) => void {
  let mounted: readonly Mounted[] = [];
  root.replaceChildren();
  return (...children) => {
    mounted = patchChildren(root, mounted, pieces(children));
  };
}
