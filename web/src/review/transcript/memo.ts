import { Component, type ComponentType, h } from "preact";

/** Draws again only when a property is another object than before. */
export function memo<P extends object>(Inner: ComponentType<P>): ComponentType<P> {
  return class Memo extends Component<P> {
    override shouldComponentUpdate(next: P): boolean {
      const keys = Object.keys(next) as (keyof P)[];
      return keys.some((key) => next[key] !== this.props[key]);
    }
    override render() {
      return h(Inner, this.props as P & preact.Attributes);
    }
  };
}
