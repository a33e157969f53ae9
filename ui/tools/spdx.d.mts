/** The licences under which a package with this expression is used; all of them hold. */
export function chosen(expression: string): string[];
