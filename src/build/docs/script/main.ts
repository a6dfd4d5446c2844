import { closeContents } from "./contents.ts";
import { addCopyButtons } from "./copy.ts";
import { followPosition } from "./position.ts";
import { addSearch } from "./search.ts";
import { shareLanguage } from "./tabs.ts";

/** What the reference can do besides being read: everything on the page is there without it. */
shareLanguage();
addCopyButtons();
addSearch();
closeContents();
followPosition();
