//! The palette: whether it is open, and what is looked for in it.

export type PaletteMode = 'commands' | 'go_folder' | 'move';

class Palette {
  mode = $state<PaletteMode | null>(null);

  show(mode: PaletteMode): void {
    this.mode = mode;
  }

  close(): void {
    this.mode = null;
  }
}

export const palette = new Palette();
