namespace Orleans.Core
{
    /// <summary>
    /// A stored record. Operations of one record run one after another; a write asked for while another is queued but not
    /// started joins it, and the state is taken when the write starts.
    /// </summary>
    public interface IStorage
    {
        /// <summary>Of the record as last read or written; null where there is none.</summary>
        string? Etag { get; }

        /// <exception cref="InvalidOperationException">It was not read yet.</exception>
        bool RecordExists { get; }

        Task ReadStateAsync(CancellationToken cancellationToken = default);

        /// <exception cref="Storage.InconsistentStateException">Another activation has written since the last read.</exception>
        Task WriteStateAsync(CancellationToken cancellationToken = default);

        Task ClearStateAsync(CancellationToken cancellationToken = default);
    }

    public interface IStorage<TState> : IStorage
    {
        TState State { get; set; }
    }
}

namespace Orleans.Runtime
{
    public interface IPersistentState<TState> : Core.IStorage<TState>;

    /// <summary>Marks a constructor parameter as a stored record of the grain. It is read before the grain is activated.</summary>
    [AttributeUsage(AttributeTargets.Parameter)]
    public sealed class PersistentStateAttribute(string stateName, string? storageName = null) : Attribute
    {
        public string StateName => stateName;

        /// <summary>Orleans' storage provider. This engine has one store for all.</summary>
        public string? StorageName => storageName;
    }
}

namespace Orleans.Storage
{
    /// <summary>How state becomes bytes. The host registers one.</summary>
    public interface IGrainStorageSerializer
    {
        BinaryData Serialize<T>(T? input);
        T? Deserialize<T>(BinaryData input);
    }
}
