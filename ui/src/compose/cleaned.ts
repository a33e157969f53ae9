//! HTML of other programs, before the editor takes what it knows of it.

/** HTML that is pasted beyond this many characters is not taken as such. */
const LONGEST = 8_000_000;

/** What Word, Excel and WPS put around what they mean. */
export function cleaned(html: string): string {
  if (html.length > LONGEST) return '';
  return (
    html
      // Conditional comments hold a second version for Office itself.
      .replace(/<!--\[if[\s\S]*?<!\[endif\]-->/gi, '')
      .replace(/<!--[\s\S]*?-->/g, '')
      .replace(/<!\[(?:if|endif)[^>]*>/gi, '')
      .replace(/<(style|script|xml|head|title)\b[\s\S]*?<\/\1>/gi, '')
      .replace(/<\/?(?:o|v|w|m|x|st1):[^>]*>/gi, '')
      .replace(/<(?:meta|link|base)\b[^>]*>/gi, '')
  );
}
