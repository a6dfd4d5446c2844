/** A group of calls as a title: `webhook-endpoints`, as the paths have it, becomes `Webhook endpoints`. */
export function headline(group: string): string {
  return group.charAt(0).toUpperCase() + group.slice(1).replaceAll("-", " ");
}
