// The search runs in a worker, which browsers refuse to a page that was opened from a folder.
// There, a hidden frame of the page's own origin does the same: one script, messages in, messages out.
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(url) {
      super();
      const frame = document.createElement("iframe");
      frame.hidden = true;
      this.ready = new Promise((resolve) => (frame.ready = resolve));
      frame.answer = (data) => this.dispatchEvent(new MessageEvent("message", { data }));
      document.body.appendChild(frame);
      this.inside = frame.contentWindow;
      this.inside.document.open();
      this.inside.document.write(
        "<script>postMessage = (data) => frameElement.answer(data)</script>" +
          `<script src="${url}"></script><script>frameElement.ready()</script>`
      );
      this.inside.document.close();
    }

    postMessage(data) {
      this.ready.then(() => this.inside.dispatchEvent(new MessageEvent("message", { data })));
    }
  };
}
