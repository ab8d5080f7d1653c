// A field that takes several people: a name is offered for what stands after the last comma.
export function list(root) {
  for (const field of root.querySelectorAll("[data-several]")) {
    let before = field.value;
    field.addEventListener("input", (event) => {
      // A chosen offer replaces the whole field: the names before it are put back in front.
      const isChosen = event.inputType === "insertReplacementText" || event.inputType === undefined;
      const cut = Math.max(before.lastIndexOf(","), before.lastIndexOf("，"), before.lastIndexOf("、"));
      if (isChosen && cut >= 0 && !field.value.startsWith(before.slice(0, cut + 1))) {
        field.value = `${before.slice(0, cut + 1)} ${field.value}, `;
      } else if (isChosen && field.value && !field.value.trimEnd().endsWith(",")) field.value = `${field.value}, `;
      before = field.value;
    });
  }
}
