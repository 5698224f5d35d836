// The picture as markup, and the styles that the program makes at run time: the build (web/first-frame-picture.ts) puts them here. While developing
// there are none.

export const PICTURE: string = ''
export const PICTURE_STYLES: string = ''
