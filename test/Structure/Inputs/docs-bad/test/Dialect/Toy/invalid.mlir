// A comment about scale_c1 is no case of it.
func.func @scale_c4_row_is_empty() { return }
func.func @scale_c9_unheard_of() { return }
