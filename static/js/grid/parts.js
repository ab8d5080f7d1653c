// Rows that the server drew, as nodes. A parser makes them: text is never handed to the page as HTML.
export function rowsIn(html) {
  const page = new DOMParser().parseFromString(`<table><tbody>${html}</tbody></table>`, "text/html");
  return [...page.querySelector("tbody").children].map((row) => document.importNode(row, true));
}
