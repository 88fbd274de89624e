extension Array where Element: BitwiseCopyable {
    /// An array whose elements `fill` sets; those that it leaves have any value. Spares a pass that writes zeros.
    init<E: Error>(unsetCount count: Int, fill: (inout MutableSpan<Element>) throws(E) -> Void) throws(E) {
        // All empty arrays are one object, which is not to be written to.
        self = count == 0 ? [] : unsafe [Element](unsafeUninitializedCapacity: count) { $1 = count }
        var span = mutableSpan
        try fill(&span)
    }
}
