/** The file's name at the end of its address. */
export const fileName = (url: string): string => decodeURIComponent(url.slice(url.lastIndexOf("/") + 1));
