import type { Templates } from "../../../templates/templates.ts";
import type { Endpoint } from "../endpoint.ts";
import { deleteTemplate } from "./delete.ts";
import { getTemplate } from "./get.ts";
import { listTemplates } from "./list.ts";
import { previewTemplate } from "./preview.ts";
import { putTemplate } from "./put.ts";
import { setUpTemplates } from "./set-up.ts";
import { syncTemplates } from "./sync.ts";

/** The calls about templates, in the order of their documentation. */
export function templateCalls(templates: Templates, defaultLocale: string): readonly Endpoint[] {
  return [
    listTemplates(templates),
    syncTemplates(templates),
    setUpTemplates(templates),
    getTemplate(templates),
    putTemplate(templates),
    deleteTemplate(templates),
    previewTemplate(templates, defaultLocale),
  ];
}
