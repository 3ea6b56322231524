// The service worker has found that the network's public log is not the one that it has seen before.
import { toast } from "../../../web/static/js/toast.js";
import { appWords } from "./words.js";

export const warn = () => toast(appWords.rewritten, { error: true, label: appWords.log, href: "/log", seconds: 60 });
