import { Component, type ComponentChildren } from "preact";

interface Props {
  children: ComponentChildren;
}

/** Keeps one broken page from taking the rest along, and says so in words. */
export class Boundary extends Component<Props, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  static override getDerivedStateFromError(error: Error): { error: Error } {
    return { error };
  }

  override render() {
    const { error } = this.state;
    if (!error) return this.props.children;
    return (
      <section class="plate" role="alert">
        <h1>This page has stopped working</h1>
        <p>
          What is stored on the server is safe. Load the page again; if it stops once more, tell the person
          who runs Lookfors here what you did and pass on this line:
        </p>
        <p>
          <code>{String(error.message || error)}</code>
        </p>
        <div class="actions">
          <button type="button" class="button strong" onClick={() => window.location.reload()}>
            Load again
          </button>
          <a class="button" href="/" onClick={() => this.setState({ error: null })}>
            Back to the submissions
          </a>
        </div>
      </section>
    );
  }
}
