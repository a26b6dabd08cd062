"""What a fund owns: its book, the financed emissions of it, its temperature."""
