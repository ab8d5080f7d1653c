// What every page carries. A page's own module comes by its block `scripts`.
import "./theme.js";
import "./toast.js";
import "./menu.js";
import "./dialog.js";
import "./composing.js";
import "./form.js";
import "./files.js";
import "./when.js";
import "./requests.js";
import "./keys.js";
import "./palette.js";
