/** What is to be on the page, as plain data: text is only ever text, and nothing here touches the page. */
export type Handler = (event: Event) => void;
export type Attribute = string | number | boolean | undefined | Handler;
export type Attributes = Readonly<Record<string, Attribute>>;

export interface Drawn {
  readonly tag: string;
  /** Children with a key stay the same node wherever they move. */
  readonly key: string;
  readonly attributes: Attributes;
  readonly children: readonly Piece[];
}
export type Piece = Drawn | string;
export type Child = Piece | false | null | undefined | readonly Child[];

function isNested(child: Child): child is readonly Child[] {
  return Array.isArray(child);
}

export function pieces(children: readonly Child[]): readonly Piece[] {
  return children.flatMap((child): readonly Piece[] => {
    if (child === false || child === null || child === undefined || child === '') return [];
    return isNested(child) ? pieces(child) : [child];
  });
}

/** The words of what is drawn, without its elements. */
export function wordsOf(children: readonly Child[]): string {
  return pieces(children)
    .map((piece) => (typeof piece === 'string' ? piece : wordsOf(piece.children)))
    .join('');
}

/** An element. `onclick` and the like take handlers; `onmounted` is told when it is on the page. */
export function h(tag: string, attributes: Attributes = {}, ...children: Child[]): Drawn {
  const { key = '', ...others } = attributes;
  return { tag, key: String(key), attributes: others, children: pieces(children) };
}
