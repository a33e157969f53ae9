//! Files as base64, by the browser's own hand.

export async function base64(file: Blob): Promise<string> {
  const url = await new Promise<string>((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result as string);
    reader.onerror = () => reject(reader.error ?? new Error('file'));
    reader.readAsDataURL(file);
  });
  return url.slice(url.indexOf(',') + 1);
}
