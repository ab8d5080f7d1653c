// The words scripts show come with the page (components/script_words.html), in its language.
const words = document.getElementById("words")?.dataset ?? {};

export function word(key, values = {}) {
  let text = words[key] ?? "";
  for (const [name, value] of Object.entries(values)) text = text.replaceAll(`{${name}}`, value);
  return text;
}
