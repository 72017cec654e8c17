// protobuf makes the descriptors of a file, and registers its messages, at their first use, and
// would not survive a lack of memory there: the lock of its tables stays locked.
#pragma once

namespace fingerpost::message {

// Makes those of every message that a question, an answer or a policy may have. Call it at the
// start, where reflection is used later. True.
bool MakeDescriptors();

}  // namespace fingerpost::message
