extension Array where Element: BitwiseCopyable {
    /// An array whose elements `fill` sets; those that it leaves have any value. Spares a pass that writes zeros.
    init<E: Error>(unsetCount count: Int, fill: (inout MutableSpan<Element>) throws(E) -> Void) throws(E) {
        self = unsafe [Element](unsafeUninitializedCapacity: count) { _, initialized in initialized = count }
        var span = mutableSpan
        try fill(&span)
    }
}
