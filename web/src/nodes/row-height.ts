// As node-rows.module.css has it; a file of its own because first-frame/ needs it without the rest.

export const ROW_PX = 27
