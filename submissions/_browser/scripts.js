// Loads a library that expects to be a classic script: it puts what it has on globalThis.

export function script(url) {
  return new Promise((loaded, failed) => {
    const element = Object.assign(document.createElement("script"), { src: url, onload: loaded });
    element.onerror = () => failed(new Error(`${url} does not load`));
    document.head.append(element);
  });
}
