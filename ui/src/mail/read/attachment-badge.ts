//! The little sign on an attachment: its kind in four letters, in the colour people know it by.

import type { Attachment } from '../../host';

const COLORS: Record<string, string> = {
  PDF: '#b3261e',
  XLS: '#23703a',
  XLSX: '#23703a',
  CSV: '#23703a',
  DOC: '#2b579a',
  DOCX: '#2b579a',
  PPT: '#b0432a',
  PPTX: '#b0432a',
  ZIP: '#7a5c12',
  RAR: '#7a5c12',
  '7Z': '#7a5c12',
  PNG: '#6a4f9c',
  JPG: '#6a4f9c',
  JPEG: '#6a4f9c',
  GIF: '#6a4f9c',
};

export function badge(attachment: Attachment): { text: string; color: string } {
  const extension = /\.([A-Za-z0-9]{1,4})$/.exec(attachment.name)?.[1]?.toUpperCase();
  const text = extension ?? attachment.mime_type.split('/')[1]?.slice(0, 4).toUpperCase() ?? '';
  return { text, color: COLORS[text] ?? '#51605d' };
}
